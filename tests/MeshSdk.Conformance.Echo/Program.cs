using System.Globalization;
using MeshSdk.Conformance.Echo;

// As a container has it: who the pod is comes from the downward API, and the ports from the command line.
int[] ports = [.. args.Select(static port => int.Parse(port, NumberStyles.None, CultureInfo.InvariantCulture))];
if (ports.Length == 0)
{
    ports = [8080, 9090, 7070];
}

string Variable(string name, string otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : otherwise;
await EchoServer.RunAsync(
    new EchoIdentity(Variable("POD_NAME", Environment.MachineName), Variable("NAMESPACE", "default"), Variable("SERVICE_VERSION", "")), ports);
