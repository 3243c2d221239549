using System.Text;
using Noos.Inference.Constraints;
using Noos.Inference.Sampling;
using Noos.Language.Tokenization;

namespace Noos.Inference.Tests.Support;

/// <summary>
/// Writes under a constraint as a model would that has learnt nothing, and reads texts as one would that wants to write them.
/// </summary>
static class GrammarWriter
{
    static readonly Tokenizer s_tokenizer = Vocabulary.Small;

    /// <summary>Random logits, with a taste for what closes texts and lists that grows until they come to an end.</summary>
    public static string Write(TextGrammar grammar, Random random, bool isForcing = false, string what = "")
    {
        var constraint = new GrammarConstraint(grammar);
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = (ulong)random.Next() });
        var logits = new float[s_tokenizer.VocabularySize];
        var tokens = new List<int>();
        var forced = new List<int>();
        while (!constraint.IsComplete)
        {
            Assert.True(tokens.Count < 20_000, $"The text does not end: {what}");
            forced.Clear();
            if (isForcing)
            {
                constraint.Force(forced);
            }

            if (forced.Count == 0)
            {
                var taste = 4 + (tokens.Count / 50f);
                for (var token = 0; token < logits.Length; token++)
                {
                    var bytes = s_tokenizer.BytesOf(token);
                    // Brackets may also be characters of a text that has yet to match a pattern.
                    var closing = bytes.StartsWith("\""u8) ? taste : bytes.IndexOfAny("]})"u8) >= 0 ? 4 : 0;
                    logits[token] = (float)(random.NextDouble() * 6) + closing - (bytes.IndexOfAny("[{("u8) >= 0 ? taste : 0);
                }

                logits[s_tokenizer.EndOfTurn] += taste;
                constraint.Mask(logits);
                forced.Add(sampler.Sample(logits));
                if (s_tokenizer.EndsGeneration(forced[0]))
                {
                    break;
                }
            }

            foreach (var token in forced)
            {
                Assert.False(s_tokenizer.IsSpecial(token));
                constraint.Accept(token);
                tokens.Add(token);
            }
        }

        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(s_tokenizer.Decode([.. tokens]));
    }

    /// <summary>Whether the grammar lets a model write exactly this text.</summary>
    public static bool Allows(TextGrammar grammar, string text)
    {
        var constraint = new GrammarConstraint(grammar);
        var logits = new float[s_tokenizer.VocabularySize];
        foreach (var token in s_tokenizer.Encode(text))
        {
            Array.Clear(logits);
            constraint.Mask(logits);
            if (logits[token] != 0)
            {
                return false;
            }

            constraint.Accept(token);
        }

        Array.Clear(logits);
        constraint.Mask(logits);
        return constraint.IsComplete || logits[s_tokenizer.EndOfTurn] == 0;
    }
}
