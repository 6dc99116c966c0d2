# frozen_string_literal: true

require "spec_helper"
require "open3"

# A precompiled gem has a library for each Ruby, side by side; one that was built here has just one.
RSpec.describe "The native library" do
  own = RUBY_VERSION[/\d+\.\d+/]

  def library(folder, code)
    path = File.join(scratch, "crm_sync", folder, "crm_sync_native.rb")
    FileUtils.mkdir_p(File.dirname(path))
    File.write(path, code)
    path
  end

  def loaded
    loader = File.join(Leftovers::CHECKOUT, "lib/crm_sync/native.rb")
    bare = { "RUBYOPT" => nil, "RUBYLIB" => nil }
    Open3.capture2e(bare, RbConfig.ruby, "--disable-gems", "-I", scratch, loader).first
  end

  it "is that of this Ruby, before the one that was built" do
    library(own, "print 'of this Ruby'")
    library("0.9", "print 'of another Ruby'")
    library("", "print 'built'")
    expect(loaded).to eq("of this Ruby")
  end

  it "is the one that was built, where there is none of this Ruby" do
    library("0.9", "print 'of another Ruby'")
    library("", "print 'built'")
    expect(loaded).to eq("built")
  end

  it "that cannot be loaded is seen, and none is taken in its place" do
    broken = library(own, "").sub(/rb\z/, RbConfig::CONFIG["DLEXT"])
    FileUtils.rm(Dir[File.join(File.dirname(broken), "*.rb")])
    File.write(broken, "no library")
    library("", "print 'built'")
    expect(loaded).to include(broken, "LoadError").and not_include("built")
  end

  it "that is not there is asked for, with what it takes" do
    expect(loaded).to include("crm_sync's native library has not been built", "rake compile", "libclang")
  end

  RSpec::Matchers.define_negated_matcher :not_include, :include
end
