using EchoBackend;

// A server as http-echo is one, with the same options: the same text and status to every request. With -certs DIR it is a server of the mesh, and answers mutual
// TLS and nothing else, unless -mode, or with -kubernetes a PeerAuthentication, says otherwise.
await using var server = EchoServer.Create(EchoOptions.Parse(args));
await server.RunAsync();
