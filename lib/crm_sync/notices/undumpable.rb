# frozen_string_literal: true

require_relative "../errors"

module CrmSync
  # Refuses to be written out whole by Marshal or YAML. A module that includes it says why (+why_not_dumpable+), and
  # what to do instead (+instead+). Every class of this gem has these names, so they are no usual ones.
  module Undumpable
    # Refuses Marshal.
    # @raise [CrmSync::NotDumpable] always
    def marshal_dump
      not_dumpable
    end

    # Refuses YAML.
    # @raise [CrmSync::NotDumpable] always
    def encode_with(_coder)
      not_dumpable
    end

    private

    def not_dumpable
      raise NotDumpable, "a #{self.class.name} #{why_not_dumpable}, and is not written out by Marshal or YAML; " \
                         "#{instead}"
    end
  end
  private_constant :Undumpable
end
