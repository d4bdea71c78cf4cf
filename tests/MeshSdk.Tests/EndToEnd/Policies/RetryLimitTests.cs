using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary><c>maxRetries</c> and <c>retryBudget</c>: the most retries at once, for a route that asks for retries.</summary>
public sealed class RetryLimitTests
{
    [Theory]
    [InlineData("connectionPool: {http: {maxRetries: 1}}")]
    [InlineData("retryBudget: {percent: 1, minRetryConcurrency: 1}")]
    [InlineData("connectionPool: {http: {maxRetries: 1000}}, retryBudget: {percent: 1, minRetryConcurrency: 1}")] // which counts where both are stated
    public async Task A_retry_beyond_leaves_the_last_response(string policy)
    {
        // What is asked to hold fails at first, and its retry does not end.
        var holds = 0;
        await using var server = await EchoServer.StartAsync("failing", async context =>
        {
            if (context.Request.Path == "/hold" && Interlocked.Increment(ref holds) > 1)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Response.StatusCode = 503;
            await context.Response.WriteAsync("of the server");
        });
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server) + PolicyYaml.Routed("retry: {attempts: 2, codes: [503], backoff: 5ms}") + PolicyYaml.Rule(policy));
        using var stop = new CancellationTokenSource();
        var held = mesh.Client.GetAsync("http://backend/hold", stop.Token);
        await mesh.PassUntilAsync(() => Volatile.Read(ref holds) == 2);

        var call = mesh.GetAsync();
        await mesh.PassUntilAsync(() => call.IsCompleted);

        using var refused = await call;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "of the server"), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        Assert.Equal(("UO", 1), (refused.GetMeshCall()!.Flags, refused.GetMeshCall()!.Attempts));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        await mesh.IdleAsync();

        // Now there is room again.
        call = mesh.GetAsync();
        await mesh.PassUntilAsync(() => call.IsCompleted);
        using var retried = await call;
        Assert.Equal(("URX", 3), (retried.GetMeshCall()!.Flags, retried.GetMeshCall()!.Attempts));
        await mesh.IdleAsync();
    }
}
