# Never ends, in C, where no interrupt is heard.
pow(7, 10**9)
