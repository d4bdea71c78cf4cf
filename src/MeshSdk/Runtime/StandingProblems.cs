using System.Runtime.InteropServices;

namespace MeshSdk.Runtime;

/// <summary>
/// The problems that stand at present, each with the number of places that tell it: a route tells its problem to each of its parents, and it is one
/// problem all the same. Where in a file it stands is not part of it: lines move with every edit above them.
/// </summary>
internal sealed class StandingProblems
{
    private readonly Dictionary<MeshDiagnostic, int> _tellers = [];

    /// <summary>Goes over from what was told before to what is told now.</summary>
    /// <returns>What nobody had told before, and what nobody tells any more.</returns>
    public (IReadOnlyList<MeshDiagnostic> Appeared, IReadOnlyList<MeshDiagnostic> Solved) Replace(
        IEnumerable<MeshDiagnostic> before, IEnumerable<MeshDiagnostic> after)
    {
        var candidates = new Dictionary<MeshDiagnostic, (MeshDiagnostic Told, bool Stood)>();
        foreach (var problem in after)
        {
            Count(problem, 1, candidates);
        }

        foreach (var problem in before)
        {
            Count(problem, -1, candidates);
        }

        List<MeshDiagnostic> appeared = [];
        List<MeshDiagnostic> solved = [];
        foreach (var (key, (told, stood)) in candidates)
        {
            var stands = _tellers.GetValueOrDefault(key) > 0;
            if (stands && !stood)
            {
                appeared.Add(told);
            }
            else if (!stands)
            {
                _tellers.Remove(key);
                if (stood)
                {
                    solved.Add(told);
                }
            }
        }

        return (appeared, solved);
    }

    private void Count(MeshDiagnostic problem, int tellers, Dictionary<MeshDiagnostic, (MeshDiagnostic, bool)> candidates)
    {
        var key = problem with { Document = null, Line = null };
        if (key.Subject == MeshDiagnostic.OfMesh)
        {
            // Of the mesh as a whole there is one problem of a kind, with numbers and names in it that change as services come and go.
            key = key with { Message = "" };
        }

        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_tellers, key, out _);
        candidates.TryAdd(key, (problem, count > 0));
        count += tellers;
    }
}
