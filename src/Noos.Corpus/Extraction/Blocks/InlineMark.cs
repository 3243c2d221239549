using Noos.Corpus.Extraction.Dom;

namespace Noos.Corpus.Extraction.Blocks;

/// <summary>Where an inline element begins or ends in the text of a page.</summary>
/// <param name="Position">Before this character.</param>
/// <param name="IsEnd">It ends here.</param>
readonly record struct InlineMark(int Position, DomElement Element, bool IsEnd);
