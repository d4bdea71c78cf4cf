using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Sources.Files;

/// <summary>Brings the files together: the last one that holds an object wins. Says what changed since it was last asked.</summary>
internal sealed class ManifestCatalog
{
    private Dictionary<ResourceKey, HeldObject> _current = [];
    private ImmutableArray<MeshDiagnostic> _problems = [];

    public ImmutableArray<MeshDiagnostic> Problems => _problems;

    /// <param name="files">In order of precedence, the winner last.</param>
    /// <param name="listingProblems">Of directories, and of files that could not be looked at.</param>
    /// <returns>Null where nothing changed.</returns>
    public ResourceEvent? Update(IReadOnlyList<ManifestFile> files, IEnumerable<MeshDiagnostic> listingProblems)
    {
        var next = new Dictionary<ResourceKey, HeldObject>(_current.Count);
        var duplicates = new List<MeshDiagnostic>();
        foreach (var held in files.SelectMany(file => file.Objects))
        {
            if (!next.TryAdd(held.Key, held))
            {
                duplicates.Add(Duplicate(next[held.Key].Resource, held.Resource));
                next[held.Key] = held;
            }
        }

        // An object that was moved to another file and broken in the same breath is not gone either.
        foreach (var key in files.SelectMany(file => file.Unreadable))
        {
            if (_current.TryGetValue(key, out var lastGood) && !lastGood.IsStandIn)
            {
                next.TryAdd(key, lastGood);
            }
        }

        foreach (var standIn in files.SelectMany(file => file.StandIns))
        {
            next.TryAdd(standIn.Key, standIn);
        }

        ImmutableArray<Resource> upserts =
        [
            .. next.Values.Where(held => !(_current.TryGetValue(held.Key, out var known) && held.IsSameAs(known))).Select(held => held.Resource),
        ];
        ImmutableArray<ResourceKey> deletes = [.. _current.Keys.Where(key => !next.ContainsKey(key))];
        ImmutableArray<MeshDiagnostic> problems = [.. listingProblems, .. WithoutRepeats(files), .. duplicates];
        var changed = !problems.SequenceEqual(_problems);
        _current = next;
        _problems = problems;
        return upserts.IsEmpty && deletes.IsEmpty && !changed
            ? null
            : new ResourceEvent { Upserts = upserts, Deletes = deletes, Problems = changed ? problems : null };
    }

    /// <summary>A kind that is not read is worth one note, not one for each file that has it. The message names kind and group and nothing else.</summary>
    private static IEnumerable<MeshDiagnostic> WithoutRepeats(IEnumerable<ManifestFile> files)
    {
        var notes = new HashSet<string>(StringComparer.Ordinal);
        return files.SelectMany(file => file.Problems).Where(problem => problem.Code != ManifestCodes.UnknownKind || notes.Add(problem.Message));
    }

    private static MeshDiagnostic Duplicate(Resource loser, Resource winner)
    {
        var (passedOver, used) = (loser.Origin!, winner.Origin!);
        return new(
            DiagnosticSeverity.Warning,
            ManifestCodes.DuplicateObject,
            loser.ToString(),
            "",
            $"{passedOver.File}:{passedOver.Line} and {used.File}:{used.Line} hold the same object; the latter is used, as it comes last; keep one of them")
        {
            File = passedOver.File,
            Document = passedOver.Document,
            Line = passedOver.Line,
        };
    }
}
