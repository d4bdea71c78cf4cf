using System.Collections.Concurrent;
using System.IO.Compression;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Grpc.Tests.Features;

/// <summary>Messages that are compressed both ways: the mesh passes on what gRPC has made of them.</summary>
public sealed class CompressionTests(Servers servers)
{
    public static TheoryData<CallKind, ClientWay, Layer> Cells =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in new[] { ClientWay.Invoker, ClientWay.Factory }
           from layer in new[] { Layer.Plaintext, Layer.IstioMutual }
           select (kind, way, layer),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Gzip_is_used_both_ways(CallKind kind, ClientWay way, Layer layer)
    {
        var encodings = new ConcurrentQueue<(string Request, string Response)>();
        await using var server = await servers.StartAsync(
            layer,
            "zip",
            static builder => builder.Services.Configure<GrpcServiceOptions>(static options =>
                (options.ResponseCompressionAlgorithm, options.ResponseCompressionLevel) = ("gzip", CompressionLevel.Fastest)),
            app => app.Use((http, next) =>
            {
                http.Response.OnStarting(() =>
                {
                    encodings.Enqueue((http.Request.Headers["grpc-encoding"].ToString(), http.Response.Headers["grpc-encoding"].ToString()));
                    return Task.CompletedTask;
                });
                return next(http);
            }));
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", layer, "", server), way, servers.ClientOf(layer));

        var result = await caller.Client.CallAsync(kind, new Call(metadata: "grpc-internal-encoding-request=gzip"));

        Assert.Equal((StatusCode.OK, ""), (result.Status, result.Detail));
        Assert.Equal(CallRunner.Texts(kind), result.Texts);
        Assert.Equal([("gzip", "gzip")], encodings);
    }
}
