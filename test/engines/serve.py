"""Runs llama.cpp's own HTTP server on a free loopback port until standard input closes.

Prints one line of JSON with the address once the model is loaded. Waiting on standard input means that the
engine also ends when the process that started it dies without a word.
"""

import json
import os
import sys

import xllamacpp

model_path, model_name, context_length, parallel = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

params = xllamacpp.CommonParams()
params.model.path = model_path
params.model_alias = {model_name}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = context_length * parallel
params.n_parallel = parallel
# A text to embed must fit into one batch.
params.n_batch = context_length
params.n_ubatch = context_length
params.n_predict = 64
params.n_gpu_layers = 0
params.embedding = True
params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
# Each connection kept alive holds a thread; with too few, the next caller waits until one times out.
params.n_threads_http = 64
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.fit_params = False
params.offline = True
params.ui = False

server = xllamacpp.Server(params)
print(json.dumps({"address": server.listening_address}), flush=True)
sys.stdin.read()
os._exit(0)
