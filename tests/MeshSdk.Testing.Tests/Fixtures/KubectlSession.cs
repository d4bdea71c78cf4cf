using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>
/// A cluster and a kubectl that the tests of a class share, one after the other; each works in a namespace of its own. Started by the first test that
/// asks, so that without a kubectl the tests are skipped and not failed.
/// </summary>
public class KubectlSession : IAsyncDisposable
{
    private readonly Action<EmbeddedKubernetesOptions>? _configure;
    private EmbeddedKubernetes? _cluster;
    private Kubectl? _kubectl;
    private int _namespaces;

    public KubectlSession()
        : this(null)
    {
    }

    protected KubectlSession(Action<EmbeddedKubernetesOptions>? configure) => _configure = configure;

    internal EmbeddedKubernetes Cluster => _cluster!;

    internal Kubectl Program => _kubectl!;

    /// <summary>kubectl in a new namespace.</summary>
    internal async Task<KubectlConsole> OpenAsync()
    {
        _kubectl ??= Kubectl.Require();
        if (_cluster is null)
        {
            _cluster = await EmbeddedKubernetes.StartAsync(_configure, TestContext.Current.CancellationToken);
            _cluster.WriteKubeconfig(_kubectl.Kubeconfig);
        }

        var ns = $"test-{++_namespaces}";
        await _cluster.ApplyAsync($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{ns}}" } }""");
        return new(_kubectl, ns);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _kubectl?.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A cluster in which no time passes: whatever there is, it has just been made.</summary>
public sealed class StillKubectlSession() : KubectlSession(options => options.Time = new FakeTimeProvider(Now))
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
}

/// <summary>A cluster that enforces RBAC.</summary>
public sealed class GuardedKubectlSession() : KubectlSession(options => options.EnforceAccess = true);
