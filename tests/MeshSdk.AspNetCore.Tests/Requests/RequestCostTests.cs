using System.Diagnostics.Metrics;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Requests;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>What the mesh allocates for each request that it lets through.</summary>
public sealed class RequestCostTests : IDisposable
{
    private const int Requests = 1000;

    private readonly MeshCertificateAuthority _authority = new();

    /// <summary>The headers that are there stay there, as they do in those that Kestrel uses again for the next request.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_costs_next_to_nothing(bool isSecure)
    {
        await using var host = await MemoryHost.StartAsync(identity: _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));

        Assert.InRange(BytesOf(host, isSecure), 0, 32);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_is_counted_keeps_within_the_budget(bool isSecure)
    {
        await using var host = await MemoryHost.StartAsync(identity: _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "istio_requests_total" && instrument.Meter.Scope == host.App.Services.GetRequiredService<IMeterFactory>())
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted += value);
        listener.Start();

        Assert.InRange(BytesOf(host, isSecure), 1, 200);
        Assert.Equal(2 * Requests, counted);
    }

    public void Dispose() => _authority.Dispose();

    private double BytesOf(MemoryHost host, bool isSecure)
    {
        // Each answer is awaited for, so that whatever has to be kept of the request until then is.
        var answers = new TaskCompletionSource[2 * Requests];
        var next = 0;
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = new TaskCompletionSource();
        }

        var app = host.App.Services.GetRequiredService<InboundMiddlewareFactory>().AddTo(new ApplicationBuilder(host.App.Services));
        app.Run(_ => answers[next].Task);
        var pipeline = app.Build();
        var connection = MemoryServer.Connection(peer: isSecure ? _authority.Issue("spiffe://cluster.local/ns/web/sa/client") : null);
        var context = new DefaultHttpContext();
        context.Features.Set<InboundConnection>(connection);
        context.Features.Set<IMeshPeerFeature>(connection);
        context.Request.Method = "GET";
        context.Request.Host = new HostString("backend");
        Send();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Send();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Requests;

        void Send()
        {
            for (var i = 0; i < Requests; i++)
            {
                var answer = pipeline(context);
                answers[next++].SetResult();
                Assert.True(answer.IsCompletedSuccessfully);
            }
        }
    }
}
