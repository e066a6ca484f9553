// What Go asks of the thread of MPI: see thread.c.

#include <mpi.h>

enum { SUM, SUM64, BROADCAST };       // kinds of operations
enum { GOES_ON, LEAVES, BREAKS_OFF }; // what work returns

typedef struct operation operation;

int join_job(int *rank, int *size);
void names(char *all, int each);
void end_job(int code);

operation *begin(int kind, void *x, int n, int rests);
void await(operation *o);
void leave(int how);
int work(int milliseconds);

void start_send(char *x, int to, MPI_Request *r);
void start_receive(char *x, int from, MPI_Request *r);
int ended(MPI_Request *r);
void cut(MPI_Request *r);
