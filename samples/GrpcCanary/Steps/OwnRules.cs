using Grpc.Core;
using GrpcCanary.Client;
using GrpcCanary.Protos;

namespace GrpcCanary.Steps;

/// <summary>What has a rule of its own in the route: one method, and calls with certain metadata.</summary>
internal sealed class OwnRules(Greeter.GreeterClient greeter, Report report)
{
    private const int Calls = 40;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        report.Step("Rules for one method, and for metadata");
        var preview = await Repeated.CallAsync(Calls, () => greeter.PreviewAsync(new HelloRequest(), cancellationToken: cancellationToken), cancellationToken);
        Show("canary.Greeter/Preview", preview);

        var testers = new Metadata { { "x-version", "v2" } };
        var tested = await Repeated.CallAsync(Calls, () => greeter.HelloAsync(new HelloRequest(), testers, cancellationToken: cancellationToken), cancellationToken);
        Show("canary.Greeter/Hello with x-version: v2", tested);
    }

    private void Show(string what, Tally tally)
    {
        var v2 = tally.Count(reply => reply.Version == "v2");
        report.Finding(v2 == Calls, $"{what}: {tally.Summary}, {v2} by backend-v2");
    }
}
