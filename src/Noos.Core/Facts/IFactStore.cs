namespace Noos.Core.Facts;

/// <summary>
/// Facts that outlast conversations, each its owner's alone: whoever asks for another's is told that there is none. On the disk when a call
/// returns. Thread-safe.
/// </summary>
public interface IFactStore
{
    /// <summary>Longest text of a fact, in characters.</summary>
    const int MaxLength = 1000;

    /// <summary>Remembers something. What is known already, or waits already, is not stored twice.</summary>
    /// <returns>The fact, and whether it is new.</returns>
    /// <exception cref="NoosException">It is empty or too long (Invalid), or there are too many (Refused).</exception>
    (Fact Fact, bool IsNew) Add(string owner, FactVersion fact, string source);

    /// <exception cref="NoosException">There is none (NotFound).</exception>
    Fact Get(string owner, long id);

    /// <summary>Facts in a state, or in any that is not forgotten; those that changed last first.</summary>
    IReadOnlyList<Fact> List(string owner, FactState? state = null, int limit = int.MaxValue);

    /// <summary>Kept facts that have some of the words, in any form, the best first (BM25).</summary>
    IReadOnlyList<Fact> Search(string owner, string words, int limit);

    /// <summary>Puts another text or other labels in the place of what there is.</summary>
    /// <exception cref="NoosException">There is no such fact (NotFound), or the text is empty or too long (Invalid).</exception>
    Fact Change(string owner, long id, FactVersion fact, string source);

    /// <summary>A person vouches for a fact that waits.</summary>
    /// <exception cref="NoosException">There is no such fact (NotFound), or it does not wait (Invalid).</exception>
    Fact Accept(string owner, long id, string source);

    /// <exception cref="NoosException">There is no such fact (NotFound).</exception>
    Fact Forget(string owner, long id, string source);

    /// <summary>Takes the last change back.</summary>
    /// <exception cref="NoosException">There is no such fact (NotFound).</exception>
    Fact Undo(string owner, long id, string source);

    /// <summary>The life of a fact, the oldest change first.</summary>
    /// <exception cref="NoosException">There is no such fact (NotFound).</exception>
    IReadOnlyList<FactChange> Changes(string owner, long id);

    /// <summary>Another text whenever any fact of anybody is another: cheap enough to be asked every second.</summary>
    string ReadStamp();

    /// <summary>Removes a fact with all its history, which cannot be taken back.</summary>
    /// <exception cref="NoosException">There is no such fact (NotFound).</exception>
    void Purge(string owner, long id);
}
