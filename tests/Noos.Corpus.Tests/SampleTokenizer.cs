using System.Text;
using Noos.Language.Tokenization;

namespace Noos.Corpus.Tests;

/// <summary>A small tokenizer trained on a little text.</summary>
static class SampleTokenizer
{
    public static Tokenizer Instance { get; } =
        BpeTrainer.Train([Encoding.UTF8.GetBytes("the cat sat on the mat and the dog sat on the cat, then the dog ran to the mat")], 300);
}
