using EchoBackend;

// A server as http-echo is one, with the same options: the same text and status to every request. With -certs DIR it answers mutual TLS and nothing else.
await using var server = EchoServer.Create(EchoOptions.Parse(args));
await server.RunAsync();
