using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Sources.Files;

/// <summary>
/// What one file holds as far as the mesh goes by it. Faults never take objects away:
/// <list type="bullet">
/// <item>an object that cannot be read, and can still be told by name, keeps its last good version;</item>
/// <item>what cannot be told by name keeps every object that is missing now, since it may be one of them;</item>
/// <item>a syntax error keeps the whole of the last version that had none. Before there was one, the documents without an error are served;</item>
/// <item>a destination rule that cannot be read and has no last good version is stood in for by what can be told of it: if it may have
/// demanded TLS, its calls fail; in the place of an authorization policy nobody may call;</item>
/// <item>a file that held objects and is empty now keeps them until it has been empty for a while: a shell truncates a file long before the
/// command behind <c>&gt;</c> writes to it.</item>
/// </list>
/// </summary>
internal sealed class ManifestFile(TimeProvider timeProvider, TimeSpan emptyDelay)
{
    private bool _wasWhole;
    private long? _emptySince;

    public ImmutableArray<HeldObject> Objects { get; private set; } = [];

    /// <summary>In the place of destination rules that cannot be read and have no last good version here.</summary>
    public ImmutableArray<HeldObject> StandIns { get; private set; } = [];

    public ImmutableArray<MeshDiagnostic> Problems { get; private set; } = [];

    /// <summary>Objects that could not be read when the file was read last.</summary>
    public ImmutableArray<ResourceKey> Unreadable { get; private set; } = [];

    /// <summary>The file has been empty for so long that its objects are to go.</summary>
    public bool IsOverdue => _emptySince is { } since && timeProvider.GetElapsedTime(since) >= emptyDelay;

    public void Apply(ManifestContent content)
    {
        if (content.IsEmpty && HoldsAny && !IsOverdue)
        {
            _emptySince ??= timeProvider.GetTimestamp();
            return;
        }

        _emptySince = null;
        Problems = content.Problems;
        Unreadable = content.Unreadable;
        if (content.HasSyntaxError && _wasWhole && HoldsAny)
        {
            Problems = ThatKeepTheLastGood(Problems);
            return;
        }

        ImmutableArray<HeldObject> read = [.. content.Resources.Select(HeldObject.Of)];
        var present = read.Select(held => held.Key).ToHashSet();
        var keepsAll = content.HasSyntaxError || content.HasUnidentified;
        ImmutableArray<HeldObject> kept = [.. Objects.Where(held => !present.Contains(held.Key) && (keepsAll || Unreadable.Contains(held.Key)))];
        Objects = [.. kept, .. read];
        StandIns = [.. StandInsBeside(kept, content.StandIns)];
        Problems = kept.Length > 0 ? ThatKeepTheLastGood(Problems) : Problems;
        _wasWhole = !content.HasSyntaxError;
    }

    /// <summary>The file is there and its bytes cannot be had.</summary>
    public void Fail(MeshDiagnostic problem)
    {
        _emptySince = null;
        Problems = Objects.Length > 0 ? ThatKeepTheLastGood([problem]) : [problem];
    }

    private bool HoldsAny => Objects.Length + StandIns.Length > 0;

    /// <summary>A policy without a name may be any of its kind that are missing now and kept for that reason.</summary>
    private IEnumerable<HeldObject> StandInsBeside(ImmutableArray<HeldObject> kept, ImmutableArray<StandIn> standIns)
    {
        var kinds = kept.Select(static held => held.Resource.Kind).ToHashSet(StringComparer.Ordinal);
        var held = Objects.Select(static held => held.Key).ToHashSet();
        return standIns
            .Where(standIn => standIn.IsNamed ? !held.Contains(standIn.Rule.Key) : !kinds.Contains(standIn.Rule.Kind))
            .Select(static standIn => HeldObject.Of(standIn.Rule) with { IsStandIn = true });
    }

    private static ImmutableArray<MeshDiagnostic> ThatKeepTheLastGood(ImmutableArray<MeshDiagnostic> problems) =>
    [
        .. problems.Select(static problem => problem.Severity == DiagnosticSeverity.Error
            ? problem with { Message = $"{problem.Message}; the last good version stays in force" }
            : problem),
    ];
}
