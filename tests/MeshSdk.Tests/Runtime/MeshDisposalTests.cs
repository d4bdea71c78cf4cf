using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Runtime;

public sealed class MeshDisposalTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposal_ends_sources_and_connections(bool synchronously)
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        await mesh.GetAsync();
        await DisposeAsync(mesh.Mesh, synchronously);

        Assert.True(mesh.Source.IsDisposed);
        Assert.True(mesh.Source.Token.IsCancellationRequested);
        Assert.Equal(mesh.Transports.Created, mesh.Transports.Disposed);

        // Again, in either way, is nothing.
        await DisposeAsync(mesh.Mesh, synchronously);
        await DisposeAsync(mesh.Mesh, !synchronously);
    }

    [Fact]
    public async Task A_mesh_that_never_started_is_disposed_of_all_the_same()
    {
        await using var mesh = new MeshUnderTest();
        await DisposeAsync(mesh.Mesh, synchronously: true);
        Assert.True(mesh.Source.IsDisposed);
        Assert.Equal(0, mesh.Source.Started);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mesh.GetAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mesh.Mesh.WaitUntilReadyAsync());
    }

    [Fact]
    public async Task Calls_after_the_disposal_say_so()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        await mesh.GetAsync();
        await DisposeAsync(mesh.Mesh, synchronously: false);

        var error = await Assert.ThrowsAsync<ObjectDisposedException>(() => mesh.GetAsync());
        Assert.Equal(typeof(Mesh).FullName, error.ObjectName);
        Assert.Throws<ObjectDisposedException>(() => mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, "http://backend/")));
    }

    [Theory]
    [InlineData(MeshStartupFallback.Fail)]
    [InlineData(MeshStartupFallback.PlainDns)]
    public async Task A_call_that_waits_for_the_start_is_told_of_the_disposal(MeshStartupFallback fallback)
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { Startup = { Fallback = fallback } });
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        await DisposeAsync(mesh.Mesh, synchronously: false);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call);
        Assert.Empty(mesh.Logged("CannotStart"));
        Assert.True(mesh.Source.IsDisposed);
    }

    [Fact]
    public async Task A_start_that_races_with_the_disposal_is_either_ready_or_told_of_it()
    {
        for (var i = 0; i < 200; i++)
        {
            var mesh = new MeshUnderTest();
            mesh.Source.Sync(Backend);
            using var together = new Barrier(2);
            var call = Task.Run(async () =>
            {
                together.SignalAndWait();
                return await mesh.GetAsync();
            });
            together.SignalAndWait();
            await DisposeAsync(mesh.Mesh, synchronously: (i & 1) == 0);
            try
            {
                Assert.Equal("10.0.0.1:8080", await call);
            }
            catch (ObjectDisposedException)
            {
                // The other of the two outcomes.
            }
        }
    }

    [Fact]
    public async Task A_running_call_does_not_hold_the_disposal_up()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        mesh.Transports.BeforeAnswer = (_, _) =>
        {
            arrived.SetResult();
            return answer.Task;
        };
        var call = mesh.GetAsync();
        await arrived.Task;
        await DisposeAsync(mesh.Mesh, synchronously: false);
        answer.SetResult();
        Assert.Equal("10.0.0.1:8080", await call);
    }

    [Fact]
    public async Task Connections_close_and_other_sources_are_disposed_of_when_one_source_fails_to()
    {
        var faulty = new ScriptedSource { DisposeFault = new InvalidOperationException("marked") };
        var other = new ScriptedSource();
        var mesh = new MeshUnderTest(null, faulty, other);
        faulty.Sync(Backend);
        other.Sync("");
        await mesh.GetAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => DisposeAsync(mesh.Mesh, synchronously: true));
        Assert.Equal("marked", error.Message);
        Assert.True(other.IsDisposed);
        Assert.Equal(mesh.Transports.Created, mesh.Transports.Disposed);
    }

    [Fact]
    public async Task Who_disposes_at_the_same_time_waits_for_the_same_end()
    {
        var source = new ScriptedSource { BeforeDispose = new TaskCompletionSource() };
        await using var mesh = new MeshUnderTest(null, source);
        source.Sync(Backend);
        await mesh.GetAsync();

        var first = DisposeAsync(mesh.Mesh, synchronously: false);
        await Eventually.HoldsAsync(() => source.IsDisposed);
        var second = DisposeAsync(mesh.Mesh, synchronously: false);
        var third = DisposeAsync(mesh.Mesh, synchronously: true);
        Assert.False(second.IsCompleted || third.IsCompleted);

        source.BeforeDispose.SetResult();
        await Task.WhenAll(first, second, third);
        Assert.Equal(mesh.Transports.Created, mesh.Transports.Disposed);
    }

    [Fact]
    public async Task An_in_memory_source_serves_one_mesh()
    {
        var source = new InMemorySource();
        await using (await Mesh.StartAsync(new MeshOptions { InMemory = source }, cancellationToken: TestContext.Current.CancellationToken))
        {
            // Started and disposed of.
        }

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Mesh.StartAsync(new MeshOptions { InMemory = source }));
        Assert.Contains("serves a mesh already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_unobserved()
    {
        List<Exception> unobserved = [];
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) =>
        {
            lock (unobserved)
            {
                unobserved.AddRange(e.Exception.InnerExceptions.Where(static x => x.Message == "marked"));
            }
        };
        TaskScheduler.UnobservedTaskException += note;
        try
        {
            await FailAsync();
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.Empty(unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= note;
        }

        static async Task FailAsync()
        {
            // Before the start is over, and after it; nobody waits for either.
            await using var early = new MeshUnderTest(null, new ScriptedSource(), new ScriptedSource());
            early.Sources[1].End(new InvalidOperationException("marked"));
            _ = early.Mesh.WaitUntilReadyAsync(new CancellationToken(canceled: true)).ContinueWith(
                static t => t.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await Eventually.HoldsAsync(() => early.Mesh.Status == MeshStatus.Failed);

            await using var late = await MeshUnderTest.ReadyAsync(Backend);
            late.Source.End(new InvalidOperationException("marked"));
            await Eventually.HoldsAsync(() => late.Logged("SourceLost").Count == 1);
        }
    }

    private static Task DisposeAsync(Mesh mesh, bool synchronously) =>
        (synchronously ? Task.Run(mesh.Dispose) : mesh.DisposeAsync().AsTask()).WaitAsync(MeshUnderTest.Patience);
}
