namespace Noos.Corpus.Crawling.Scheduling;

/// <summary>One request at a time to whatever has a name (an IP address, a host), and a pause after each. Thread-safe.</summary>
interface IRequestGate
{
    /// <summary>Takes a name.</summary>
    /// <param name="name">An IP address, or the origin of a host.</param>
    /// <param name="delay">The pause after a request.</param>
    /// <param name="freeAt">Where it fails: when to ask again, in milliseconds since 1970.</param>
    bool TryEnter(string name, TimeSpan delay, out long freeAt);

    /// <summary>Gives a name back.</summary>
    /// <param name="name">That was taken.</param>
    /// <param name="delay">How long nobody else may have it.</param>
    void Leave(string name, TimeSpan delay);
}
