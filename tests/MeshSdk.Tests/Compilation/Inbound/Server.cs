using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Inbound;

/// <summary>A process of namespace <c>ns</c> that others call, and what it makes of the objects that come and go.</summary>
internal sealed class Server
{
    private readonly MeshCompiler _compiler;
    private readonly ResourceStore _store = new() { ReplacesConfig = MeshConfigReader.Replaces, KeepsCertificates = PemCheck.Keep };
    private MeshSnapshot _snapshot;

    /// <param name="labels">As <c>app=a,version=1</c>; null: not known.</param>
    /// <param name="pod">The name of its pod; null: not known.</param>
    /// <param name="proxy">What is stated to stand before it.</param>
    /// <param name="options">How things are compiled.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="configure">What else is known of it.</param>
    public Server(string? labels = "app=a", string? pod = null, LocalProxy? proxy = null, CompilerOptions? options = null, string ns = "ns", Func<CallerContext, CallerContext>? configure = null)
    {
        var caller = new CallerContext { Namespace = ns, Labels = LabelsOf(labels), Pod = pod, Proxy = proxy };
        caller = configure?.Invoke(caller) ?? caller;
        _compiler = new MeshCompiler(caller, (options ?? CompilerOptions.Default) with { ServesInbound = true });
        _snapshot = _compiler.Compile(_store);
    }

    public InboundModel Model => _snapshot.Inbound;

    public MeshSnapshot Snapshot => _snapshot;

    public string Problems => string.Join("; ", _snapshot.Diagnostics.Codes());

    /// <summary>All modes, as <c>PERMISSIVE 8080=STRICT</c>; a dash where nobody says anything.</summary>
    public string Modes => string.Join(
        ' ', Model.Ports.OrderBy(static port => port.Key).Select(static port => $"{port.Key}={port.Value.Mode}").Prepend(Model.Mode?.Mode.ToString() ?? "-"));

    public InboundModel Apply(params Resource[] resources) => Change([.. resources], []);

    public InboundModel Delete(Resource resource) => Change([], [resource.Key]);

    public InboundModel Forget(params UnknownScope[] unknown)
    {
        _snapshot = _compiler.Recompile(_snapshot, _store, _compiler.Apply(_store, unknown));
        return Model;
    }

    public static AuthorizationPolicy Authorization(string name, string? spec, string? labels = null, string? annotations = null)
    {
        var id = Given.Id(name);
        return new AuthorizationPolicy
        {
            Metadata = new ObjectMeta
            {
                Namespace = id.Namespace, Name = id.Name, Labels = labels is null ? null : LabelsOf(labels), Annotations = annotations is null ? null : LabelsOf(annotations),
            },
            Spec = spec is null ? null : JsonSerializer.Deserialize<JsonElement>(spec),
        };
    }

    public static Dictionary<string, string> LabelsOf(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static label => label.Split('=')).ToDictionary(static label => label[0], static label => label[1]);

    private InboundModel Change(System.Collections.Immutable.ImmutableArray<Resource> upserts, System.Collections.Immutable.ImmutableArray<ResourceKey> deletes)
    {
        IReadOnlyCollection<ServiceId> dirty = [.. _store.Apply(upserts, deletes), .. _compiler.FindPlace(_store)];
        _snapshot = _compiler.Recompile(_snapshot, _store, dirty);
        return Model;
    }
}
