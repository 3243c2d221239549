using System.CommandLine.Parsing;

namespace Noos.Cli.Terminal;

/// <summary>Values of options while they are checked.</summary>
static class OptionValues
{
    /// <summary>
    /// The value of an option, unless its text is none of that type: then the parser has said so already, and there is nothing to check.
    /// </summary>
    public static bool TryGetValue<T>(this OptionResult result, out T? value)
    {
        try
        {
            value = result.GetValueOrDefault<T>();
            return true;
        }
        catch (InvalidOperationException)
        {
            value = default;
            return false;
        }
    }
}
