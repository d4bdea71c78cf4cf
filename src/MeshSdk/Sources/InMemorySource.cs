using System.Threading.Channels;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk;

/// <summary>
/// Configuration given by the program itself, for tests and samples: the same manifests as in files, and every call is one change that
/// requests see wholly or not at all. Safe for use from several threads. Serves one mesh.
/// </summary>
public sealed class InMemorySource : IResourceSource
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, HeldObject> _objects = [];
    private readonly Dictionary<string, MeshDiagnostic> _notes = new(StringComparer.Ordinal);

    // Unbounded: who applies a change does not wait for the mesh to read it.
    private readonly Channel<ResourceEvent> _events = Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true });
    private CancellationTokenRegistration _cancellation;
    private bool _started;

    string IResourceSource.Name => "memory";

    /// <summary>Adds objects, or replaces those of the same kind, namespace and name. Objects without a namespace go to <c>default</c>.</summary>
    /// <param name="manifests">YAML or JSON, one or many documents.</param>
    /// <exception cref="ManifestException">Something in it cannot be read; nothing was applied.</exception>
    public void Apply(string manifests) => Change(manifests, keepOthers: true);

    /// <summary>Makes <paramref name="manifests"/> the whole content: objects that are not in it are removed.</summary>
    /// <param name="manifests">YAML or JSON, one or many documents; empty to remove everything.</param>
    /// <exception cref="ManifestException">Something in it cannot be read; nothing was changed.</exception>
    public void Replace(string manifests) => Change(manifests, keepOthers: false);

    /// <summary>Removes one object.</summary>
    /// <param name="kind">As in <c>HTTPRoute</c>.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <returns>False if there was none.</returns>
    public bool Delete(string kind, string ns, string name)
    {
        var key = new ResourceKey(kind, ns, name);
        lock (_lock)
        {
            if (!_objects.Remove(key))
            {
                return false;
            }

            Send(new ResourceEvent { Deletes = [key] });
            return true;
        }
    }

    ChannelReader<ResourceEvent> IResourceSource.Start(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_started)
            {
                throw new InvalidOperationException($"This {nameof(InMemorySource)} serves a mesh already; make one for each.");
            }

            _started = true;
            Send(new ResourceEvent { Upserts = [.. _objects.Values.Select(held => held.Resource)], Problems = [.. _notes.Values], Synced = true });
        }

        _cancellation = cancellationToken.UnsafeRegister(static events => ((Channel<ResourceEvent>)events!).Writer.TryComplete(), _events);
        return _events.Reader;
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await _cancellation.DisposeAsync().ConfigureAwait(false);
        _events.Writer.TryComplete();
    }

    private void Change(string manifests, bool keepOthers)
    {
        ArgumentNullException.ThrowIfNull(manifests);
        var content = ManifestReader.Read(manifests, "memory");
        if (content.Problems.Any(problem => problem.Severity == DiagnosticSeverity.Error))
        {
            throw new ManifestException(content.Problems);
        }

        // The last of several versions of one object wins, as when they are applied one after the other.
        var given = new Dictionary<ResourceKey, HeldObject>();
        foreach (var resource in content.Resources)
        {
            given[resource.Key] = HeldObject.Of(resource);
        }

        lock (_lock)
        {
            List<ResourceKey> deletes = keepOthers ? [] : [.. _objects.Keys.Where(key => !given.ContainsKey(key))];
            List<HeldObject> upserts = [.. given.Values.Where(held => !(_objects.TryGetValue(held.Key, out var known) && held.Fingerprint == known.Fingerprint))];
            deletes.ForEach(key => _objects.Remove(key));
            upserts.ForEach(held => _objects[held.Key] = held);
            var notesChanged = Note(content.Problems, keepOthers);
            if (upserts.Count > 0 || deletes.Count > 0 || notesChanged)
            {
                Send(new ResourceEvent
                {
                    Upserts = [.. upserts.Select(held => held.Resource)],
                    Deletes = [.. deletes],
                    Problems = notesChanged ? [.. _notes.Values] : null,
                });
            }
        }
    }

    private bool Note(IEnumerable<MeshDiagnostic> problems, bool keepOthers)
    {
        List<MeshDiagnostic> before = [.. _notes.Values];
        if (!keepOthers)
        {
            _notes.Clear();
        }

        foreach (var problem in problems)
        {
            _notes.TryAdd(problem.Message, problem);
        }

        return !before.SequenceEqual(_notes.Values);
    }

    /// <summary>Before the start there is nobody to tell: the first event brings everything.</summary>
    private void Send(ResourceEvent change)
    {
        if (_started)
        {
            _events.Writer.TryWrite(change);
        }
    }
}
