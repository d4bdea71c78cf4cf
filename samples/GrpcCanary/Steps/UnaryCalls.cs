using GrpcCanary.Client;
using GrpcCanary.Protos;
using GrpcCanary.Server;

namespace GrpcCanary.Steps;

/// <summary>Calls one after the other, from the first of the mesh on: they are divided to the call.</summary>
internal sealed class UnaryCalls(Greeter.GreeterClient greeter, IReadOnlyList<GreeterPod> pods, Report report)
{
    private const int Calls = 600;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        report.Step($"{Calls} unary calls of backend:7070, weights 90/10");
        var tally = await Repeated.CallAsync(Calls, () => greeter.HelloAsync(new HelloRequest(), cancellationToken: cancellationToken), cancellationToken);
        foreach (var split in Split.Of(tally, new Weights(90, 10), pods, slack: 0))
        {
            report.Finding(split.Holds, $"{split}");
        }

        var caller = Identities.IdOf(ClientPod.Account);
        var known = tally.Count(reply => reply.Caller == caller);
        report.Finding(known == Calls, $"{tally.Summary}, {known} by mutual TLS: the servers know the caller as {caller}");
    }
}
