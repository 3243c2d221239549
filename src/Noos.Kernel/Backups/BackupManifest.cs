using System.Text.Json.Serialization;

namespace Noos.Kernel.Backups;

/// <summary>What a backup says of itself.</summary>
/// <param name="Version">Of the layout of the archive.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Journal">The version of the journal's tables.</param>
/// <param name="Files">How many files it has.</param>
public sealed record BackupManifest(int Version, DateTimeOffset Created, int Journal, int Files)
{
    internal const int CurrentVersion = 1;
}

/// <summary>The manifest as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BackupManifest))]
public sealed partial class BackupJson : JsonSerializerContext;
