using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Sources;

public sealed class ManifestSourceTests
{
    [Fact]
    public async Task The_first_event_holds_everything_found_recursively_and_says_synced()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("b.yaml", Manifest.Service("b"));
        mesh.Write("a/deep/er/a.yml", Manifest.Service("a"));
        mesh.Write("c.JSON", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}""");
        mesh.Write("notes.txt", "no: [manifest");
        mesh.Write(".hidden.yaml", Manifest.Service("hidden"));
        mesh.Write(".git/x.yaml", Manifest.Service("hidden"));

        var first = await mesh.StartAsync();

        Assert.True(first.Synced);
        Assert.Empty(first.Problems!);
        Assert.Equal(["a", "b", "c"], mesh.Names);
        Assert.Equal(Path.Combine(mesh.Directory, "a/deep/er/a.yml"), mesh.Resources[Key("a")].Origin!.File);
    }

    [Fact]
    public async Task An_empty_directory_is_synced_too()
    {
        await using var mesh = new ManifestHarness();

        Assert.True((await mesh.StartAsync()).Synced);
    }

    [Fact]
    public async Task Broken_files_at_the_start_are_problems_and_the_others_are_served()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Service("a") + "---\n{");
        mesh.Write("b.yaml", Manifest.Service("b"));

        var first = await mesh.StartAsync();

        Assert.True(first.Synced);
        Assert.Equal(["a", "b"], mesh.Names);
        Assert.Equal((DiagnosticSeverity.Error, mesh.PathOf("a.yaml"), 2), (mesh.Problems[0].Severity, mesh.Problems[0].File, mesh.Problems[0].Document));
    }

    [Fact]
    public async Task Paths_that_do_not_exist_fail_the_source_by_name()
    {
        await using var source = new ManifestSource(["/nowhere/mesh", "/nowhere/b.yaml"], TimeProvider.System, new FakeLogger<ManifestSource>(), new());

        var events = source.Start(CancellationToken.None);

        var fault = await Assert.ThrowsAsync<ManifestException>(() => events.Completion.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(["/nowhere/mesh", "/nowhere/b.yaml"], fault.Problems.Select(problem => problem.Subject));
        Assert.Contains("/nowhere/mesh: there is no such file or directory", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_later_path_wins_and_inside_a_directory_the_later_name_with_a_warning_that_names_both()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("dir/z.yaml", Manifest.Service("s", 3));
        mesh.Write("dir/b.yaml", Manifest.Service("s", 2));
        mesh.Write("first.yaml", Manifest.Service("s", 1));
        mesh.Write("last.yaml", Manifest.Service("s", 4));

        await mesh.StartAsync("last.yaml", "first.yaml", "dir");
        Assert.Equal(3, Port(mesh, "s"));
        var warning = mesh.Problems[^1];
        Assert.Equal((DiagnosticSeverity.Warning, "DuplicateObject", "Service default/s"), (warning.Severity, warning.Code, warning.Subject));
        Assert.Contains(mesh.PathOf("dir/b.yaml") + ":1", warning.Message, StringComparison.Ordinal);
        Assert.Contains(mesh.PathOf("dir/z.yaml") + ":1", warning.Message, StringComparison.Ordinal);
        Assert.Equal(3, mesh.Problems.Count);

        File.Delete(mesh.PathOf("dir/z.yaml"));
        await mesh.UntilAsync(_ => Port(mesh, "s") == 2);

        Assert.Empty(mesh.Deleted);
        Assert.Equal(2, mesh.Problems.Count);
    }

    [Fact]
    public async Task A_file_given_twice_is_read_once_where_it_was_given_last()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Service("s", 1));
        mesh.Write("b.yaml", Manifest.Service("s", 2));

        await mesh.StartAsync(".", "a.yaml");

        Assert.Equal(1, Port(mesh, "s"));
        Assert.Single(mesh.Problems);
    }

    [Fact]
    public async Task Unknown_kinds_are_noted_once_over_all_files()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}");
        mesh.Write("b.yaml", "{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}}");

        await mesh.StartAsync();
        Assert.Equal("UnknownKind", Assert.Single(mesh.Problems).Code);

        mesh.Replace("a.yaml", Manifest.Service("a"));
        await mesh.UntilAsync(_ => mesh.Names.Contains("a"));

        Assert.Equal("Deployment default/b", Assert.Single(mesh.Problems).Subject);
    }

    [Fact]
    public async Task Standard_input_is_read_once_and_keeps_its_place_in_the_order()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Manifest.Service("s", 1));
        mesh.Write("c.yaml", Manifest.Service("t", 3));
        using var input = new StringReader(Manifest.Documents(Manifest.Service("s", 2), Manifest.Service("t", 2)));

        await mesh.StartAsync(new ManifestSourceOptions { StandardInput = input }, "a.yaml", "-", "c.yaml");

        Assert.Equal((2, 3), (Port(mesh, "s"), Port(mesh, "t")));
        Assert.Equal("<stdin>", mesh.Resources[Key("s")].Origin!.File);
    }

    [Fact]
    public async Task Standard_input_that_never_ends_does_not_keep_the_source_from_stopping()
    {
        using var input = new EndlessReader();
        var source = new ManifestSource(["-"], TimeProvider.System, new FakeLogger<ManifestSource>(), new() { StandardInput = input });
        var events = source.Start(CancellationToken.None);

        await source.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        await events.Completion;
    }

    [Fact]
    public async Task Cancellation_completes_the_channel()
    {
        await using var mesh = new ManifestHarness();
        using var stop = new CancellationTokenSource();
        await using var source = new ManifestSource([mesh.Directory], TimeProvider.System, new FakeLogger<ManifestSource>(), new());
        var events = source.Start(stop.Token);
        await events.ReadAsync();

        await stop.CancelAsync();

        await events.Completion.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Without_watching_nothing_follows_the_first_event_and_the_channel_stays_open()
    {
        await using var mesh = new ManifestHarness();
        await using var source = new ManifestSource([mesh.Directory], TimeProvider.System, new FakeLogger<ManifestSource>(), new() { Watch = false });
        var events = source.Start(CancellationToken.None);

        Assert.True((await events.ReadAsync()).Synced);

        Assert.False(events.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_file_that_may_not_be_utf8_is_a_problem_of_that_file()
    {
        await using var mesh = new ManifestHarness();
        File.WriteAllBytes(mesh.PathOf("a.yaml"), [0x61, 0x3a, 0x20, 0xff, 0xfe]);
        File.WriteAllText(mesh.PathOf("b.yaml"), Manifest.Service("b"), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        await mesh.StartAsync();

        Assert.Equal(["b"], mesh.Names);
        Assert.Equal("UnreadableFile", Assert.Single(mesh.Problems).Code);
    }

    private static ResourceKey Key(string name) => new("Service", "default", name);

    private static int Port(ManifestHarness mesh, string name) => ((Service)mesh.Resources[Key(name)]).Spec.Ports!.Value[0].Port;

    private sealed class EndlessReader : TextReader
    {
        private readonly TaskCompletionSource<string> _never = new();

        public override Task<string> ReadToEndAsync(CancellationToken cancellationToken) => _never.Task;
    }
}
