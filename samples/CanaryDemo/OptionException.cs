namespace CanaryDemo;

/// <summary>What an option asks for cannot be done; the message names the option.</summary>
internal sealed class OptionException(string message) : Exception(message);
