using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Runtime;

/// <summary>The kill switch while calls wait for the start.</summary>
public sealed class MeshSwitchTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_waits_for_the_start_passes_through_when_the_switch_is_thrown(bool synchronously)
    {
        await using var mesh = new MeshUnderTest();
        var call = synchronously ? Task.Run(() => SendAsync(mesh)) : mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.False(call.IsCompleted);

        mesh.Mesh.Enabled = false;

        Assert.Equal(PlainHandler.Body, await call.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(MeshStatus.Disabled, mesh.Mesh.Status);
    }

    [Fact]
    public async Task Who_waits_for_a_mesh_that_is_switched_off_waits_no_longer()
    {
        await using var mesh = new MeshUnderTest();
        var ready = mesh.Mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        mesh.Mesh.Enabled = false;
        await ready.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Calls_wait_again_when_it_is_switched_on_again()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { Enabled = false });
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        Assert.Equal(0, mesh.Source.Started);

        mesh.Mesh.Enabled = true;
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.False(call.IsCompleted);
        mesh.Source.Sync(Backend);
        Assert.Equal("10.0.0.1:8080", await call);
    }

    [Fact]
    public async Task A_switch_that_goes_off_and_on_lets_no_call_go_round_the_mesh_that_is_still_on()
    {
        await using var mesh = new MeshUnderTest();
        var calls = Enumerable.Range(0, 16).Select(_ => mesh.GetAsync()).ToArray();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        mesh.Mesh.Enabled = false;
        mesh.Mesh.Enabled = true;
        mesh.Source.Sync(Backend);

        // Either it saw the switch or it did not; none fails, and none that waits on is forgotten.
        Assert.All(await Task.WhenAll(calls), static answer => Assert.Contains(answer, new[] { "10.0.0.1:8080", PlainHandler.Body }));
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    private static async Task<string> SendAsync(MeshUnderTest mesh)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var response = mesh.Client.Send(request);
        return await response.Content.ReadAsStringAsync();
    }
}
