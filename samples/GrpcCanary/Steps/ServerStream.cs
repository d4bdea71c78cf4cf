using Grpc.Core;
using GrpcCanary.Protos;

namespace GrpcCanary.Steps;

/// <summary>Streams are balanced as one call each: a stream has one endpoint, the next stream another one.</summary>
internal sealed class ServerStream(Greeter.GreeterClient greeter, Report report)
{
    private const int Streams = 3;
    private const int Messages = 100;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        report.Step($"{Streams} server streams of {Messages} messages each");
        for (var i = 0; i < Streams; i++)
        {
            using var call = greeter.Count(new CountRequest { Messages = Messages }, cancellationToken: cancellationToken);
            List<string> from = [];
            try
            {
                await foreach (var reply in call.ResponseStream.ReadAllAsync(cancellationToken))
                {
                    from.Add(reply.Address);
                }

                report.Finding(from.Count == Messages && from.Distinct().Count() == 1, $"{from.Count} messages, all from {string.Join(" and ", from.Distinct())}");
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                report.Finding(false, $"{from.Count} messages, and then {e.StatusCode}: {e.Status.Detail}");
            }
        }
    }
}
