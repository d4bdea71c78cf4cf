using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>The numbers of one report that a policy looks at. What is not reported is 0, as in the protocol, which does not tell the two apart.</summary>
internal struct LoadReport(LoadRules rules)
{
    // Beyond these there is nothing to compare, and sums and shares of weights would not be numbers any more.
    private const double Least = 1e-100;
    private const double Most = 1e100;

    private readonly LoadRules _rules = rules;

    // Only of a policy that names entries of maps.
    private readonly double[] _keyed = rules.Keys == 0 ? [] : new double[rules.Keys];

    public double Cpu { get; set; }

    public double Memory { get; set; }

    public double Application { get; set; }

    /// <summary>Requests a second.</summary>
    public double Qps { get; set; }

    /// <summary>Errors a second.</summary>
    public double Eps { get; set; }

    /// <summary>Notes an entry of a map, if the policy looks at it. Of two with one key the last counts.</summary>
    public readonly void Set(UtilizationField field, ReadOnlySpan<byte> key, double value)
    {
        if (_rules.Find(field, key) is >= 0 and var index)
        {
            _keyed[index] = value;
        }
    }

    /// <summary>What counts as the utilization: the highest of the numbers that the policy names, else what the application says, else its processors.</summary>
    public readonly double Utilization()
    {
        double highest = 0;
        foreach (var field in _rules.Plain)
        {
            highest = Higher(highest, field switch
            {
                UtilizationField.Cpu => Cpu,
                UtilizationField.Memory => Memory,
                _ => Application,
            });
        }

        foreach (var value in _keyed)
        {
            highest = Higher(highest, value);
        }

        return highest > 0 ? highest : Application > 0 ? Application : Cpu;
    }

    /// <summary>What the endpoint can take, in proportion to others: requests a second at a utilization of 1, with errors counting as use.</summary>
    /// <returns>0 where the report does not say.</returns>
    public readonly double Weight()
    {
        var utilization = Utilization();
        if (!(utilization > 0 && Qps > 0 && Eps >= 0))
        {
            return 0;
        }

        var weight = Qps / (utilization + (Eps / Qps * _rules.Model.ErrorPenalty));
        return weight is > Least and < Most ? weight : 0;
    }

    // What is no number is no higher one.
    private static double Higher(double highest, double value) => value > highest && double.IsFinite(value) ? value : highest;
}
