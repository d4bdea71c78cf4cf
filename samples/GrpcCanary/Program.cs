using System.Runtime.InteropServices;
using Grpc.Core;
using GrpcCanary;

if (!DemoOptions.TryParse(args, out var options, out var problem))
{
    Console.Error.WriteLine($"{problem} Try --help.");
    return 2;
}

if (options.Help)
{
    Console.Write(DemoOptions.Usage);
    return 0;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await Demo.RunAsync(options, new Report(Console.Out, isColoured: !options.Plain && !Console.IsOutputRedirected), stop.Token) ? 0 : 1;
}
catch (Exception e) when (stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
{
    Console.Error.WriteLine("Stopped.");
    return 130;
}
catch (Exception e) when (e is HttpRequestException or TimeoutException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    // The second signal ends the process at once.
    context.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
