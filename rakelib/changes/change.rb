# frozen_string_literal: true

require_relative "../patches/patch"

# A change of a usual kind, made for real: a patch in spec/changes/. The lines in front of it say what it does, in
# "Spec:" which spec it brings along, and in "Files:" how many files beside specs it may touch.
class Change < Patch
  # @return [Array<Change>] all of them, or the one of a name
  def self.all(name = "*")
    Dir["spec/changes/#{name}.patch"].map { |path| new(path) }
  end

  # @return [String] the spec that it brings along
  def spec
    said("Spec")
  end

  # @return [Array<String>] the files that it touches, beside specs
  def touched
    files.reject { |file| file.start_with?("spec/") }
  end

  # @return [Integer] the number of files that it may touch
  def allowed
    Integer(said("Files"))
  end
end
