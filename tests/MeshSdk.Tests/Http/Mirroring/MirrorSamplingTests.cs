using CsCheck;
using MeshSdk.Http.Mirroring;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Mirroring;

public sealed class MirrorSamplingTests
{
    private static MirrorFilter Filter(int numerator, int denominator) => new(new BackendModel(Snapshots.Cluster("mirror"), 1), numerator, denominator);

    private static readonly Gen<(int Numerator, int Denominator)> Fractions =
        Gen.Int[1, 500].SelectMany(static d => Gen.Int[0, d].Select(n => (n, d)));

    [Fact]
    public void A_run_of_as_many_requests_as_the_denominator_says_holds_exactly_the_share() => Gen.Select(Fractions, Gen.Int).Sample(static (fraction, seed) =>
    {
        var sampling = new MirrorSampling(new Random(seed));
        var filter = Filter(fraction.Numerator, fraction.Denominator);
        for (var run = 0; run < 3; run++)
        {
            Assert.Equal(fraction.Numerator, Enumerable.Range(0, fraction.Denominator).Count(_ => sampling.Takes(filter)));
        }
    }, iter: 200);

    [Theory]
    [InlineData(1, int.MaxValue)]
    [InlineData(int.MaxValue - 1, int.MaxValue)]
    [InlineData(3, 1_000_000_007)]
    public void Any_fraction_is_near_its_share(int numerator, int denominator)
    {
        var sampling = new MirrorSampling(new Random(1));
        var filter = Filter(numerator, denominator);
        var taken = Enumerable.Range(0, 10_000).Count(_ => sampling.Takes(filter));
        Assert.InRange(taken, (10_000.0 * numerator / denominator) - 2, (10_000.0 * numerator / denominator) + 2);
    }

    [Fact]
    public void Two_filters_that_say_the_same_take_requests_independently()
    {
        var sampling = new MirrorSampling(new Random(1));
        var (a, b) = (Filter(1, 2), Filter(1, 2));
        var both = Enumerable.Range(0, 10_000).Count(_ => sampling.Takes(a) & sampling.Takes(b));
        Assert.InRange(both, 2_300, 2_700);
    }
}
