using Noos.Core;
using Noos.Core.Facts;

namespace Noos.Pages.Hosting;

/// <summary>What is remembered across conversations, for the pages.</summary>
/// <param name="store">Null where the server remembers nothing.</param>
sealed class PageFacts(IFactStore? store)
{
    public bool Exist => store is not null;

    /// <exception cref="NoosException">The server remembers nothing (Refused).</exception>
    public IFactStore Store => store ?? throw new NoosException(
        ErrorKind.Refused, "This server remembers nothing; start it with a home ('noos up' without --no-journal).");
}
