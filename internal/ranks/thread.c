//go:build mpi

// The thread of MPI alone calls MPI. It works in C, so that operations go on while all
// threads of Go compute, and has the core of one of them for moments. Other threads ask for
// operations (begin) and wait for them (await).

#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

// How many operations are under way at once: enough that some travel while one adds. MPI
// takes as much memory for each as it sums.
enum { MOST = 4 };

// How many times an operation is tried between two looks at what is asked for: where
// somebody waits for it, and where the core has something else to do.
enum { KEEN = 100, CASUAL = 8 };

// In nanoseconds: how long the thread sleeps where nobody waits, and how long a rank waits
// without sleeping for what may take long, rank 0's evaluation.
static const long long NAP = 200000, KEEPS = 10000000;

struct operation {
	operation *next;
	int kind, n, rests, over;
	void *x;
	long long since; // when it was started
	MPI_Request request;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked, finished;    // something is, for the thread and by it
static operation *queue, **tail = &queue; // asked for, not started
static int waiting;                       // threads in await
static int leaving;                       // what leave said

static operation *started[MOST]; // in the order they were asked for; the thread's own
static int under_way;

static MPI_Comm beats; // of the signs of life, apart from the rest

int join_job(int *rank, int *size) {
	int given, on;
	pthread_condattr_t steady;
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&asked, &steady);
	pthread_cond_init(&finished, &steady);
	if (MPI_Initialized(&on) != MPI_SUCCESS || on) return 1;
	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS || given < MPI_THREAD_FUNNELED) return 1;
	MPI_Comm_rank(MPI_COMM_WORLD, rank);
	MPI_Comm_size(MPI_COMM_WORLD, size);
	return MPI_Comm_dup(MPI_COMM_WORLD, &beats) != MPI_SUCCESS;
}

void names(char *all, int each) {
	char own[MPI_MAX_PROCESSOR_NAME + 1] = {0};
	int n;
	MPI_Get_processor_name(own, &n);
	MPI_Allgather(own, each, MPI_CHAR, all, each, MPI_CHAR, MPI_COMM_WORLD);
}

void end_job(int code) {
	MPI_Abort(MPI_COMM_WORLD, code);
	exit(code);
}

// begin asks for an operation on n elements at x, which belong to it until await has
// returned. All ranks ask for the same ones in the same order. One that rests may be waited
// for while another rank works for long.
operation *begin(int kind, void *x, int n, int rests) {
	operation *o = calloc(1, sizeof *o);
	if (o == NULL) abort();
	o->kind = kind, o->x = x, o->n = n, o->rests = rests;
	pthread_mutex_lock(&lock);
	*tail = o;
	tail = &o->next;
	pthread_cond_signal(&asked);
	pthread_mutex_unlock(&lock);
	return o;
}

// await waits until an operation is over, and frees it.
void await(operation *o) {
	pthread_mutex_lock(&lock);
	waiting++;
	pthread_cond_signal(&asked);
	while (!o->over) pthread_cond_wait(&finished, &lock);
	waiting--;
	pthread_mutex_unlock(&lock);
	free(o);
}

// leave has work return how: LEAVES, once all that was asked for is over, or BREAKS_OFF.
void leave(int how) {
	pthread_mutex_lock(&lock);
	leaving = how;
	pthread_cond_signal(&asked);
	pthread_mutex_unlock(&lock);
}

static long long now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// sleep_until sleeps, with the lock, unless something is asked for before.
static void sleep_until(long long when) {
	struct timespec t = {when / 1000000000LL, when % 1000000000LL};
	pthread_cond_timedwait(&asked, &lock, &t);
}

static void start(operation *o) {
	o->since = now();
	switch (o->kind) {
	case SUM: MPI_Iallreduce(MPI_IN_PLACE, o->x, o->n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &o->request); return;
	case SUM64: MPI_Iallreduce(MPI_IN_PLACE, o->x, o->n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD, &o->request); return;
	case BROADCAST: MPI_Ibcast(o->x, o->n, MPI_BYTE, 0, MPI_COMM_WORLD, &o->request); return;
	}
}

// start_queued starts, with the lock, what is asked for, as far as there is room.
static void start_queued(void) {
	while (queue != NULL && under_way < MOST) {
		operation *o = started[under_way++] = queue;
		queue = o->next;
		if (queue == NULL) tail = &queue;
		pthread_mutex_unlock(&lock);
		start(o);
		pthread_mutex_lock(&lock);
	}
}

// move moves all that is under way on, trying so many times whether the first of it is over,
// and in between letting others have the core where it is for long.
static int move(int times) {
	int over = 0;
	for (int i = 0; i < times && !over; i++) {
		if (i > CASUAL) sched_yield();
		MPI_Test(&started[0]->request, &over, MPI_STATUS_IGNORE);
	}
	return over;
}

// progress moves on, with the lock, what is under way, and then sleeps where that is due.
static void progress(void) {
	operation *first = started[0];
	int times = waiting > 0 ? KEEN : CASUAL;
	pthread_mutex_unlock(&lock);
	int over = move(times);
	pthread_mutex_lock(&lock);
	if (over) {
		first->over = 1;
		pthread_cond_broadcast(&finished);
		under_way--;
		for (int i = 0; i < under_way; i++) started[i] = started[i + 1];
	} else if (waiting == 0 || (first->rests && now() - first->since > KEEPS)) {
		sleep_until(now() + NAP);
	}
}

// work carries out what is asked for, for so long, and tells whether to go on.
int work(int milliseconds) {
	long long until = now() + milliseconds * 1000000LL;
	int how = GOES_ON;
	pthread_mutex_lock(&lock);
	while (how == GOES_ON && now() < until) {
		start_queued();
		if (leaving == BREAKS_OFF || (leaving == LEAVES && under_way == 0)) how = leaving;
		else if (under_way > 0) progress();
		else sleep_until(until);
	}
	pthread_mutex_unlock(&lock);
	return how;
}

// Signs of life, of a byte.
void start_send(char *x, int to, MPI_Request *r) { MPI_Isend(x, 1, MPI_BYTE, to, 0, beats, r); }
void start_receive(char *x, int from, MPI_Request *r) { MPI_Irecv(x, 1, MPI_BYTE, from, 0, beats, r); }

int ended(MPI_Request *r) {
	int is;
	MPI_Test(r, &is, MPI_STATUS_IGNORE);
	return is;
}

void cut(MPI_Request *r) {
	if (*r == MPI_REQUEST_NULL) return;
	MPI_Cancel(r);
	MPI_Request_free(r);
}
