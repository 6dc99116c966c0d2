# frozen_string_literal: true

require "json"
require "open3"
require_relative "../ext/native_library"

# The licences of the crates that are linked into the native libraries, for the gem that brings them along.
class ThirdParties
  # A crate, and the texts that its authors ask to be passed on.
  Crate = Struct.new(:name, :version, :licence, :authors, :repository, :texts)

  TEXTS = "{LICENSE,LICENCE,COPYING,COPYRIGHT,NOTICE,UNLICENSE}*"

  # @return [Array<Crate>] in the order of their names
  def crates
    @crates ||= linked.map { |id| crate(packages.fetch(id)) }.sort_by { |crate| [crate.name, crate.version] }
  end

  # @return [String] the crates, and then each text once
  def to_s
    bare = crates.select { |crate| crate.texts.empty? }.map(&:name)
    abort "These crates come without a licence's text: #{bare.join(", ")}" if bare.any?

    ["The native libraries of crm_sync are linked with these crates. Their licences' texts come after the list.",
     crates.map { |crate| line(crate) }.join("\n"), *texts].join("\n\n#{"-" * 100}\n\n").concat("\n")
  end

  private

  def line(crate)
    ["#{crate.name} #{crate.version}: #{crate.licence}", crate.repository, *crate.authors].compact.join(", ")
  end

  # Most texts are those of many crates; only white space is not the same in all.
  def texts
    pairs = crates.flat_map { |crate| crate.texts.map { |text| [text, crate.name] } }
    pairs.group_by { |text, _| text.split }.values.map do |same|
      "#{same.map(&:last).uniq.join(", ")}:\n\n#{same.first.first}"
    end
  end

  def crate(package)
    folder = File.dirname(package["manifest_path"])
    files = Dir.glob(TEXTS, File::FNM_CASEFOLD, base: folder).sort.map { |name| File.join(folder, name) }
    texts = files.select { |file| File.file?(file) }.map { |file| File.read(file, encoding: "UTF-8").scrub.strip }
    Crate.new(package["name"], package["version"], package["license"] || package["license_file"],
              package["authors"], package["repository"], texts.uniq)
  end

  # Ours are not third parties; what builds or tests them is not linked.
  def linked
    own = metadata["workspace_members"]
    seen = own.select { |id| NativeLibrary::NAMES.include?(packages.fetch(id)["name"]) }
    seen.each { |id| seen.concat(dependencies(id) - seen) }
    seen - own
  end

  def dependencies(id)
    nodes.fetch(id)["deps"].select { |dep| dep["dep_kinds"].any? { |kind| kind["kind"].nil? } }.map { |dep| dep["pkg"] }
  end

  def nodes
    @nodes ||= metadata["resolve"]["nodes"].to_h { |node| [node["id"], node] }
  end

  def packages
    @packages ||= metadata["packages"].to_h { |package| [package["id"], package] }
  end

  def metadata
    @metadata ||= begin
      target = ENV["CARGO_BUILD_TARGET"] || Open3.capture2("rustc", "-vV").first[/^host: (.+)/, 1]
      command = %W[cargo metadata --locked --format-version 1 --filter-platform #{target}]
      output, status = Open3.capture2(*command)
      abort "cargo metadata failed" unless status.success?
      JSON.parse(output)
    end
  end
end

desc "The licences of what the native libraries are linked with, for the precompiled gem"
file "THIRD_PARTY_LICENCES.txt" => "Cargo.lock" do |task|
  File.write(task.name, ThirdParties.new.to_s)
end
