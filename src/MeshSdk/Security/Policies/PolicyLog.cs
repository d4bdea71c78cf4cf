using Microsoft.Extensions.Logging;

namespace MeshSdk.Security.Policies;

internal static partial class PolicyLog
{
    [LoggerMessage(1, LogLevel.Error, "{Fault}; what was read before stays in force.", EventName = "PolicyFileKept")]
    public static partial void Kept(ILogger logger, string fault);
}
