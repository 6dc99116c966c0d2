# frozen_string_literal: true

require_relative "../errors"

module CrmSync
  # Refuses to be dumped by Marshal or YAML. A class or module that includes this module says why (+why_not_dumpable+),
  # and what to do instead (+instead+). Every class of the gem gets these methods, so they have unusual names.
  module Undumpable
    # Raises an error instead of a dump by Marshal.
    # @raise [CrmSync::NotDumpable] always
    def marshal_dump
      not_dumpable
    end

    # Raises an error instead of a dump by YAML.
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
