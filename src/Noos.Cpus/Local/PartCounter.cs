using System.Runtime.CompilerServices;
using Noos.Core.Conversations;
using Noos.Language.Tokenization;

namespace Noos.Cpus.Local;

/// <summary>Counts the tokens of parts, by themselves and without markup; each once while anybody holds it. Thread-safe.</summary>
sealed class PartCounter(Tokenizer tokenizer)
{
    readonly ConditionalWeakTable<Part, StrongBox<int>> _known = [];

    public int Count(Part part) => _known.GetValue(
        part, counted => new StrongBox<int>(PartText.Get(counted).Sum(text => text.Length == 0 ? 0 : tokenizer.Encode(text).Length))).Value;
}
