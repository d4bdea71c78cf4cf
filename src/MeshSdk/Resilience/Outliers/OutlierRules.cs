using System.Collections;
using MeshSdk.Model;

namespace MeshSdk.Resilience.Outliers;

/// <summary>A policy in the form in which outcomes are looked up in it.</summary>
internal sealed class OutlierRules
{
    private const int HighestStatus = 599;

    // Null: 500 to 599.
    private readonly BitArray? _errors;

    public OutlierRules(OutlierDetectionModel model)
    {
        Model = model;
        if (!model.ErrorCodes.IsDefaultOrEmpty)
        {
            _errors = new BitArray(HighestStatus + 1);
            foreach (var code in model.ErrorCodes)
            {
                if (code is >= 0 and <= HighestStatus)
                {
                    _errors[code] = true;
                }
            }
        }
    }

    public OutlierDetectionModel Model { get; }

    /// <summary>Whether all outcomes of an interval are counted, and not only errors in a row.</summary>
    public bool Compares => Model.SuccessRate is not null || Model.FailurePercentage is not null;

    /// <summary>Whether a status that an endpoint answered with is an error of its.</summary>
    public bool IsError(int status) => status is >= 0 and <= HighestStatus && (_errors is null ? status >= 500 : _errors[status]);

    /// <summary>Whether a status says that something between here and the service failed.</summary>
    public static bool IsGatewayError(int status) => status is 502 or 503 or 504;
}
