using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>Work on threads that are nobody's, where an exception would end the process.</summary>
internal static partial class Guarded
{
    public static void Run(ILogger logger, Action work)
    {
#pragma warning disable CA1031 // Whatever the code of others throws in it, loggers among them, must not keep what comes after it from being done.
        try
        {
            work();
        }
        catch (Exception e)
        {
            try
            {
                LogFailed(logger, e);
            }
            catch (Exception)
            {
            }
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(
        EventId = 4, EventName = "ConnectionWorkFailed", Level = LogLevel.Error, Message = "Something went wrong with a connection, or with a change of what is asked of callers. All others go on.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
