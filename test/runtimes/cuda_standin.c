/* Stands for the driver's library where there is no GPU: its memory is the CPU's, its queues do at
 * once what they are given, and while one is being captured they keep it instead. Tests load it
 * as the real one. It keeps a list of the calls, and can be told to let one of them fail. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Work)(void *);
typedef struct { void *target, *source; size_t size; Work work; void *argument; } Step;
typedef struct { Step steps[64]; int count; } Graph;
typedef struct { Graph *recording; } Stream;

static char calls[65536], failing[64];
static int code, gpus = 1, integrated, live;

const char *standin_calls(void) { return calls; }
int standin_live(void) { return live; }
void standin_reset(int count, int shares_memory) {
  calls[0] = failing[0] = 0;
  gpus = count;
  integrated = shares_memory;
}
void standin_fail(const char *name, int with) {
  strncpy(failing, name, sizeof failing - 1);
  code = with;
}

static int begin(const char *name) {
  if (strlen(calls) + strlen(name) + 2 < sizeof calls) {
    strcat(calls, name);
    strcat(calls, " ");
  }
  return strcmp(name, failing) ? 0 : code;
}
#define BEGIN int failed = begin(__func__); if (failed) return failed

static int queue(Stream *stream, Step step) {
  if (stream->recording)
    stream->recording->steps[stream->recording->count++] = step;
  else if (step.work)
    step.work(step.argument);
  else
    memcpy(step.target, step.source, step.size);
  return 0;
}
int standin_enqueue(Stream *stream, Work work, void *argument) {
  return queue(stream, (Step){.work = work, .argument = argument});
}
int standin_is_capturing(Stream *stream) { return stream->recording != 0; }

int cuInit(unsigned flags) { BEGIN; return flags != 0; }
int cuDriverGetVersion(int *version) { BEGIN; *version = 12060; return 0; }
int cuDeviceGetCount(int *count) { BEGIN; *count = gpus; return 0; }
int cuDeviceGet(int *device, int index) { BEGIN; *device = index; return index >= gpus; }
int cuDeviceGetName(char *name, int size, int device) {
  BEGIN;
  strncpy(name, "Stand-in", size);
  return device;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  BEGIN;
  *value = attribute == 75 ? 8 : attribute == 76 ? 7 : attribute == 18 ? integrated : -1;
  return device;
}
int cuDevicePrimaryCtxRetain(void **context, int device) {
  BEGIN;
  live++;
  *context = &live;
  return device;
}
int cuDevicePrimaryCtxRelease_v2(int device) { BEGIN; live--; return device; }
int cuCtxSetCurrent(void *context) { BEGIN; return context != &live; }
int cuMemAlloc_v2(uint64_t *address, size_t size) {
  BEGIN;
  live++;
  *address = (uint64_t)calloc(1, size);
  return 0;
}
int cuMemFree_v2(uint64_t address) { BEGIN; live--; free((void *)address); return 0; }
int cuMemHostAlloc(void **memory, size_t size, unsigned flags) {
  BEGIN;
  live++;
  *memory = calloc(1, size);
  return flags != (integrated ? 2 : 0);
}
int cuMemFreeHost(void *memory) { BEGIN; live--; free(memory); return 0; }
int cuMemHostGetDevicePointer_v2(uint64_t *address, void *memory, unsigned flags) {
  BEGIN;
  *address = (uint64_t)memory;
  return flags;
}
int cuMemcpyHtoDAsync_v2(uint64_t target, void *source, size_t size, Stream *stream) {
  BEGIN;
  return queue(stream, (Step){.target = (void *)target, .source = source, .size = size});
}
int cuMemcpyDtoHAsync_v2(void *target, uint64_t source, size_t size, Stream *stream) {
  BEGIN;
  return queue(stream, (Step){.target = target, .source = (void *)source, .size = size});
}
int cuStreamCreate(Stream **stream, unsigned flags) {
  BEGIN;
  live++;
  *stream = calloc(1, sizeof **stream);
  return flags != 1;
}
int cuStreamSynchronize(Stream *stream) { BEGIN; return stream->recording != 0; }
int cuStreamDestroy_v2(Stream *stream) { BEGIN; live--; free(stream); return 0; }
int cuStreamBeginCapture_v2(Stream *stream, int mode) {
  BEGIN;
  live++;
  stream->recording = calloc(1, sizeof(Graph));
  return mode != 1;
}
int cuStreamEndCapture(Stream *stream, Graph **graph) {
  BEGIN;
  *graph = stream->recording;
  stream->recording = 0;
  return 0;
}
int cuGraphInstantiateWithFlags(Graph **instance, Graph *graph, uint64_t flags) {
  BEGIN;
  live++;
  *instance = malloc(sizeof **instance);
  **instance = *graph;
  return flags != 0;
}
int cuGraphLaunch(Graph *graph, Stream *stream) {
  BEGIN;
  for (int i = 0; i < graph->count; i++)
    queue(stream, graph->steps[i]);
  return 0;
}
int cuGraphExecDestroy(Graph *graph) { BEGIN; live--; free(graph); return 0; }
int cuGraphDestroy(Graph *graph) { BEGIN; live--; free(graph); return 0; }
int cuGetErrorName(int number, const char **text) {
  *text = number == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_UNKNOWN";
  return 0;
}
int cuGetErrorString(int number, const char **text) {
  *text = number == 2 ? "out of memory" : "unknown error";
  return 0;
}
