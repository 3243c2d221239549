using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;
using Noos.Corpus.Cleaning.Policies;

namespace Noos.Corpus.Cleaning;

/// <summary>Policies as JSON: people edit them, and the report writes them.</summary>
public static class PolicyFile
{
    // A bit each, and three that every policy has.
    const int MaxRules = 60;

    /// <exception cref="NoosException">There is no such file, or it has no policies.</exception>
    public static IReadOnlyList<CleanPolicy> Read(string path)
    {
        try
        {
            RegularFile.Require(path);
            var policies = JsonSerializer.Deserialize(File.ReadAllBytes(path), PolicyJsonContext.Default.CleanPolicyArray) ?? [];
            foreach (var policy in policies)
            {
                if (policy.Rules.Count > MaxRules || policy.Rules.DistinctBy(rule => rule.Name).Count() != policy.Rules.Count)
                {
                    throw new NoosException(
                        $"The policy '{policy.Name}' in '{path}' needs rules with names of their own, at most {MaxRules}.");
                }
            }

            return policies.Length > 0 && policies.DistinctBy(policy => policy.Name).Count() == policies.Length
                ? policies
                : throw new NoosException($"The file '{path}' needs at least one policy, each with a name of its own.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NoosException(
                e is FileNotFoundException or DirectoryNotFoundException ? ErrorKind.NotFound : ErrorKind.Invalid,
                $"The policies '{path}' cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}.", e);
        }
    }

    public static void Write(string path, IReadOnlyList<CleanPolicy> policies)
    {
        var json = ToJson(policies);
        AtomicFile.Write(path, stream => stream.Write(json));
    }

    internal static byte[] ToJson(IReadOnlyList<CleanPolicy> policies) =>
        JsonSerializer.SerializeToUtf8Bytes([.. policies], PolicyJsonContext.Default.CleanPolicyArray);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CleanPolicy[]))]
sealed partial class PolicyJsonContext : JsonSerializerContext;
