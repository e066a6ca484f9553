# The program alone, for `train serve`. It is built beside the Dockerfile, without C:
#
#   make build PURE=1
#   docker build -t powerbert .
#   docker run --read-only -v "$PWD/runs/demo/retrain:/model:ro" -p 127.0.0.1:8080:8080 powerbert
#
# Nobody but this machine reaches that port. Where others shall, give it --token-file and
# --tls-cert (docs/serving.md).
FROM scratch
COPY bin/train /train
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["/train", "serve", "--check", "--addr", ":8080"]
ENTRYPOINT ["/train"]
CMD ["serve", "/model", "--addr", ":8080", "--log-format", "json"]
