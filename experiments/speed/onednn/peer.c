// oneDNN's side of `go run ./experiments/speed`, which compiles and starts it and documents the
// protocol (serve.go): the products of a forward pass with weights, and nothing else, at the
// fastest that oneDNN has: weights packed once, float32.
//
//     peer ROWS WIDTH INNER ENCODERS
//
// Every encoder has weights of its own, as in a model, so that they come from memory.
#include <dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 1 << 20, ENCODERS = 64 };

static void check(dnnl_status_t status, int line) {
    if (status != dnnl_success) {
        fprintf(stderr, "onednn/peer.c:%d: oneDNN's error %d\n", line, status);
        exit(1);
    }
}
#define CHECK(call) check(call, __LINE__)

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static dnnl_memory_t filled(const dnnl_memory_desc_t *desc) {
    dnnl_memory_t memory;
    float *values;
    CHECK(dnnl_memory_create(&memory, desc, engine, DNNL_MEMORY_ALLOCATE));
    CHECK(dnnl_memory_get_data_handle(memory, (void **)&values));
    for (size_t i = 0; i < dnnl_memory_desc_get_size(desc) / sizeof(float); i++) values[i] = (float)rand() / RAND_MAX - 0.5f;
    return memory;
}

// A Product is rows × in times the in × out of every encoder.
typedef struct {
    dnnl_primitive_t primitive;
    dnnl_memory_t source, target, weights[ENCODERS];
} Product;

static Product product(int rows, int in, int out, int encoders) {
    dnnl_memory_desc_t source, weights, target;
    dnnl_dims_t source_dims = {rows, in}, weights_dims = {in, out}, target_dims = {rows, out};
    CHECK(dnnl_memory_desc_init_by_tag(&source, 2, source_dims, dnnl_f32, dnnl_ab));
    CHECK(dnnl_memory_desc_init_by_tag(&weights, 2, weights_dims, dnnl_f32, dnnl_format_tag_any));
    CHECK(dnnl_memory_desc_init_by_tag(&target, 2, target_dims, dnnl_f32, dnnl_ab));
    dnnl_matmul_desc_t desc;
    CHECK(dnnl_matmul_desc_init(&desc, &source, &weights, NULL, &target));
    dnnl_primitive_desc_t chosen;
    CHECK(dnnl_primitive_desc_create(&chosen, &desc, NULL, engine, NULL));
    Product p;
    CHECK(dnnl_primitive_create(&p.primitive, chosen));
    p.source = filled(&source);
    p.target = filled(&target);
    for (int j = 0; j < encoders; j++) p.weights[j] = filled(dnnl_primitive_desc_query_md(chosen, dnnl_query_weights_md, 0));
    return p;
}

static void multiply(const Product *p, int encoder) {
    dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, p->source}, {DNNL_ARG_WEIGHTS, p->weights[encoder]}, {DNNL_ARG_DST, p->target}};
    CHECK(dnnl_primitive_execute(p->primitive, stream, 3, arguments));
    CHECK(dnnl_stream_wait(stream));
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
    int rows = argc == 5 ? atoi(argv[1]) : 0, width = rows ? atoi(argv[2]) : 0, inner = rows ? atoi(argv[3]) : 0, encoders = rows ? atoi(argv[4]) : 0;
    if (encoders < 1 || encoders > ENCODERS) {
        fprintf(stderr, "usage: peer ROWS WIDTH INNER ENCODERS, at most %d encoders\n", ENCODERS);
        return 2;
    }
    CHECK(dnnl_engine_create(&engine, dnnl_cpu, 0));
    CHECK(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
    Product products[] = { // Q, K and V; the output of attention; the feed-forward network
        product(rows, width, 3 * width, encoders), product(rows, width, width, encoders),
        product(rows, width, inner, encoders), product(rows, inner, width, encoders),
    };
    const dnnl_version_t *v = dnnl_version();
    static char line[LINE]; // the job is the first, whose content is in the arguments
    if (fgets(line, LINE, stdin)) printf("{\"version\": \"oneDNN %d.%d.%d, packed weights\"}\n", v->major, v->minor, v->patch);
    for (int runs; fflush(stdout), fgets(line, LINE, stdin);) {
        if (sscanf(line, "{\"runs\":%d}", &runs) != 1) return fprintf(stderr, "onednn/peer.c: %s is no turn\n", line), 1;
        double start = seconds();
        for (int i = 0; i < runs; i++)
            for (int j = 0; j < encoders; j++)
                for (int k = 0; k < 4; k++) multiply(&products[k], j);
        printf("{\"seconds\": %.9f, \"outputs\": []}\n", (seconds() - start) / runs);
    }
}
