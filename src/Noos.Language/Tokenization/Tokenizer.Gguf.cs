using Noos.Core;
using Noos.Language.Gguf;
using Noos.Language.Tokenization.Vocabularies;

namespace Noos.Language.Tokenization;

/// <summary>The vocabulary inside a GGUF model.</summary>
public sealed partial class Tokenizer
{
    /// <summary>Reads the <c>tokenizer.ggml</c> keys of a model.</summary>
    /// <exception cref="NoosException">The model has another kind of vocabulary, or a broken one.</exception>
    public static Tokenizer FromGguf(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new Tokenizer(Vocabulary.Build(GgufVocabulary.Read(file)));
    }
}
