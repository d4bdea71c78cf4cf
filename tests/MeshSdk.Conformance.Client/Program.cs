using MeshSdk;
using MeshSdk.Conformance.Client;
using Microsoft.Extensions.Options;

ClientArguments arguments;
try
{
    arguments = ClientArguments.Parse(args, Environment.GetEnvironmentVariable);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"client: {e.Message}\n\n{ClientArguments.Usage}");
    return 2;
}

try
{
    await using var mesh = await MeshConnection.StartAsync(arguments, CancellationToken.None);

    // What is not for the mesh, a pod's address for instance, goes out as it is; nor does that follow redirects or ask a proxy.
    using var handler = mesh.CreateHandler(
        new MeshClientOptions { AllowAutoRedirect = false },
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    using var invoker = new HttpMessageInvoker(handler);
    var call = new EchoCall(invoker, arguments);
    for (var i = 0; i < arguments.Count; i++)
    {
        using var limit = new CancellationTokenSource(arguments.Timeout);
        Console.Out.WriteLine(await call.SendAsync(i, limit.Token));
    }

    return 0;
}
catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or FormatException or ManifestException
    or OptionsValidationException)
{
    // The suite takes this for a call that failed, and tries again.
    Console.Error.WriteLine($"client: {(e is OperationCanceledException ? $"no answer within {arguments.Timeout.TotalSeconds:0} s" : e.Message)}");
    return 1;
}
