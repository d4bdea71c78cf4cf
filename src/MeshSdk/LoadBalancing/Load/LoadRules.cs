using System.Text;
using MeshSdk.Model;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>What a policy says of load reports, made ready for reading them.</summary>
internal sealed class LoadRules
{
    private readonly (UtilizationField Field, byte[] Key)[] _keyed;
    private readonly UtilizationField[] _plain;

    public LoadRules(BackendUtilizationModel model)
    {
        Model = model;
        _plain = [.. model.Metrics.Where(static metric => metric.Key.Length == 0).Select(static metric => metric.Field)];
        _keyed = [.. model.Metrics.Where(static metric => metric.Key.Length > 0).Select(static metric => (metric.Field, Encoding.UTF8.GetBytes(metric.Key)))];
    }

    public BackendUtilizationModel Model { get; }

    /// <summary>Fields that are numbers themselves, of those that count as the utilization.</summary>
    public ReadOnlySpan<UtilizationField> Plain => _plain;

    /// <summary>How many entries of maps count as the utilization.</summary>
    public int Keys => _keyed.Length;

    /// <summary>Which of those entries this is.</summary>
    /// <returns>-1 for none.</returns>
    /// <param name="field">The map.</param>
    /// <param name="key">In UTF-8.</param>
    public int Find(UtilizationField field, ReadOnlySpan<byte> key)
    {
        for (var i = 0; i < _keyed.Length; i++)
        {
            if (_keyed[i].Field == field && key.SequenceEqual(_keyed[i].Key))
            {
                return i;
            }
        }

        return -1;
    }
}
