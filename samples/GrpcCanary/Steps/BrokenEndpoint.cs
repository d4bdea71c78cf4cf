using GrpcCanary.Protos;
using GrpcCanary.Server;

namespace GrpcCanary.Steps;

/// <summary>One endpoint fails every call. Retries take another one, and after the third failure in a row the broken one is left out.</summary>
internal sealed class BrokenEndpoint(Greeter.GreeterClient greeter, Fleet fleet, Report report)
{
    private const int Calls = 200;

    // consecutive5xxErrors of the DestinationRule.
    private const int Threshold = 3;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var broken = fleet.All[0];
        report.Step($"{broken.Address} of backend-v1 answers UNAVAILABLE");
        broken.IsBroken = true;
        var tally = await Repeated.CallAsync(Calls, () => greeter.HelloAsync(new HelloRequest(), cancellationToken: cancellationToken), cancellationToken);
        broken.IsBroken = false;
        report.Finding(tally.Failed == 0, $"{tally.Summary}: what it refuses is tried elsewhere");
        report.Finding(broken.Refused == Threshold, $"it was called {broken.Refused} times, then ejected for five minutes");
    }
}
