using Noos.Core;

namespace Noos.Cli.Chat;

/// <summary>Texts that are piped in, one a line.</summary>
static class PipedLines
{
    /// <param name="orElse">What to do where nothing is piped in, as a sentence.</param>
    /// <param name="cancellationToken">Stops waiting for the other end.</param>
    /// <exception cref="NoosException">There is nothing.</exception>
    public static async Task<string[]> ReadAsync(string orElse, CancellationToken cancellationToken)
    {
        var lines = Console.IsInputRedirected
            ? (await Console.In.ReadToEndAsync(cancellationToken)).ReplaceLineEndings("\n").TrimEnd('\n')
            : "";
        return lines.Length > 0 ? lines.Split('\n') : throw new NoosException(orElse);
    }
}
