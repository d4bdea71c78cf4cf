using MeshSdk.Runtime;

namespace MeshSdk.Tests.Runtime;

public sealed class StandingProblemsTests
{
    private static readonly MeshDiagnostic Broken = new(DiagnosticSeverity.Error, "BackendNotFound", "HTTPRoute a/b", "spec", "no such Service");

    private readonly StandingProblems _problems = new();

    [Fact]
    public void A_problem_that_several_tell_is_one_problem_until_the_last_is_silent()
    {
        Expect(appeared: true, solved: false, before: [], after: [Broken, Broken]);
        Expect(appeared: false, solved: false, before: [Broken], after: []);
        Expect(appeared: false, solved: true, before: [Broken], after: []);
        Expect(appeared: true, solved: false, before: [], after: [Broken]);
    }

    [Fact]
    public void A_problem_that_moves_from_one_teller_to_another_stays()
    {
        Expect(appeared: true, solved: false, before: [], after: [Broken]);
        Expect(appeared: false, solved: false, before: [Broken], after: [Broken]);
    }

    [Fact]
    public void A_problem_that_moves_to_another_line_stays()
    {
        var (third, seventh) = (Broken with { File = "a.yaml", Line = 3 }, Broken with { File = "a.yaml", Line = 7 });
        Expect(appeared: true, solved: false, before: [], after: [third]);
        Expect(appeared: false, solved: false, before: [third], after: [seventh]);
        Expect(appeared: false, solved: true, before: [seventh], after: []);
    }

    [Fact]
    public void A_problem_of_the_whole_mesh_stays_the_same_one_whatever_it_counts()
    {
        var (three, four) = (new MeshDiagnostic(DiagnosticSeverity.Warning, "C", MeshDiagnostic.OfMesh, "", "3 Services"), new MeshDiagnostic(DiagnosticSeverity.Warning, "C", MeshDiagnostic.OfMesh, "", "4 Services"));
        Expect(appeared: true, solved: false, before: [], after: [three]);
        Expect(appeared: false, solved: false, before: [three], after: [four]);
        Expect(appeared: false, solved: true, before: [four], after: []);
    }

    private void Expect(bool appeared, bool solved, MeshDiagnostic[] before, MeshDiagnostic[] after)
    {
        var (now, gone) = _problems.Replace(before, after);
        Assert.Equal(appeared ? 1 : 0, now.Count);
        Assert.Equal(solved ? 1 : 0, gone.Count);
    }
}
