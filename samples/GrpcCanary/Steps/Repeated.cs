using Grpc.Core;
using GrpcCanary.Client;
using GrpcCanary.Protos;

namespace GrpcCanary.Steps;

/// <summary>One call after the other.</summary>
internal static class Repeated
{
    public static async Task<Tally> CallAsync(int calls, Func<AsyncUnaryCall<HelloReply>> begin, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        for (var i = 0; i < calls; i++)
        {
            tally.Begin();
            using var call = begin();
            tally.End(await Reply.OfAsync(call, cancellationToken));
        }

        return tally;
    }
}
