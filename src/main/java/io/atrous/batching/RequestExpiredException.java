package io.atrous.batching;

/** Thrown when a request waited beyond its lifetime; it was never given to a processor. */
public final class RequestExpiredException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  RequestExpiredException() {
    super("the request waited beyond its lifetime", null, false, false);
  }
}
